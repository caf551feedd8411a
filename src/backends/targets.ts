/** Devices and the backends they take (spec 2.3). */

export type BackendName = 'tinpu' | 'generic';

/** `npu`: layers of any width run on the NPU. `cde`: 8×8-bit layers of some kinds are accelerated. */
export type Accelerator = 'npu' | 'cde' | 'none';

/** A device to compile for (spec 2.3). */
export interface Target {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly core: string | undefined;
  readonly accelerator: Accelerator;
  /** KB, where TI states them. */
  readonly flashKb: number | undefined;
  readonly ramKb: number | undefined;
  /** Clock of the core in MHz, where TI states it. */
  readonly clockMhz: number | undefined;
  readonly defaultBackend: BackendName;
  readonly backends: readonly BackendName[];
}

type Memory = readonly [flashKb: number, ramKb: number];

const device = (
  name: string,
  accelerator: Accelerator,
  core: string | undefined,
  memory?: Memory,
  extra: { readonly aliases?: readonly string[]; readonly clockMhz?: number } = {},
): Target => ({
  name,
  aliases: extra.aliases ?? [],
  core,
  accelerator,
  flashKb: memory?.[0],
  ramKb: memory?.[1],
  clockMhz: extra.clockMhz,
  defaultBackend: accelerator === 'npu' ? 'tinpu' : 'generic',
  backends: ['tinpu', 'generic'],
});

const CPU_DEVICES: readonly (readonly [string, Memory?])[] = [
  ['f28p65'],
  ['f28p551'],
  ['f2837'],
  ['f2838'],
  ['f2807'],
  ['f28003'],
  ['f28004'],
  ['f28002'],
  ['f280013'],
  ['f280015'],
  ['f28e12'],
  ['f29h85', [4352, 452]],
  ['f29p58'],
  ['f29p32'],
  ['mspm0g3507', [128, 32]],
  ['mspm0g3519', [512, 128]],
  ['mspm33c32', [1024, 256]],
  ['mspm33c34'],
  ['am263'],
  ['am263p'],
  ['am261'],
  ['cc1312'],
  ['cc1314'],
  ['cc1352', [352, 80]],
  ['cc1354', [1024, 256]],
];

/** Every target, NPU devices first. */
export const TARGETS: readonly Target[] = [
  device('f28p55', 'npu', 'C28x', [1088, 133], { aliases: ['f28p55x', 'f28p550sj'], clockMhz: 150 }),
  device('mspm0g5187', 'npu', 'Cortex-M0+', [128, 32], { clockMhz: 80 }),
  device('am13e2', 'npu', 'Cortex-M33', [512, 128], { aliases: ['am13e23019'] }),
  device('cc2745', 'cde', 'Cortex-M33 + CDE', [1024, 256]),
  device('cc2755', 'cde', 'Cortex-M33 + CDE', [1024, 256]),
  device('cc35x1', 'cde', 'Cortex-M33 + CDE', [512, 128]),
  ...CPU_DEVICES.map(([name, memory]) => device(name, 'none', name.startsWith('f28') ? 'C28x' : undefined, memory)),
  { ...device('tinpu', 'npu', undefined), backends: ['tinpu'] },
  { ...device('generic', 'none', undefined), backends: ['generic'] },
];

const BY_NAME: ReadonlyMap<string, Target> = new Map(
  TARGETS.flatMap((target) => [target.name, ...target.aliases].map((name) => [name, target] as const)),
);

/** The target of a name or an alias, in any case. */
export const findTarget = (name: string): Target | undefined => BY_NAME.get(name.toLowerCase());
