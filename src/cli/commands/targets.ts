import { TARGETS, type Target } from '../../backends/targets.js';
import type { Console } from '../console.js';
import { mistake, refuseAll } from '../faults.js';
import { table } from '../text/table.js';

const ACCELERATORS: Readonly<Record<Target['accelerator'], string>> = {
  npu: 'NPU',
  cde: 'CDE instructions',
  none: '–',
};

/** `quantc targets`: the devices, their memory and the backend each takes by default. */
export function targetsCommand(operands: readonly string[], console: Console): number {
  refuseAll(operands.map((operand) => mistake('usage', `targets takes no argument, found '${operand}'`)));
  console.json(TARGETS.map(describe));
  console.print(
    table(
      [
        { heading: 'target' },
        { heading: 'aliases' },
        { heading: 'core' },
        { heading: 'accelerator' },
        { heading: 'MHz', right: true },
        { heading: 'flash KB', right: true },
        { heading: 'RAM KB', right: true },
        { heading: 'backend' },
      ],
      TARGETS.map((target) => ({
        cells: [
          target.name,
          target.aliases.join(', '),
          target.core ?? '–',
          ACCELERATORS[target.accelerator],
          String(target.clockMhz ?? '–'),
          String(target.flashKb ?? '–'),
          String(target.ramKb ?? '–'),
          target.defaultBackend,
        ],
      })),
      { columns: console.columns, style: console.style },
    ),
  );
  return 0;
}

const describe = (target: Target): object => ({
  name: target.name,
  aliases: target.aliases,
  core: target.core ?? null,
  accelerator: target.accelerator,
  clockMhz: target.clockMhz ?? null,
  flashKb: target.flashKb ?? null,
  ramKb: target.ramKb ?? null,
  backend: target.defaultBackend,
  backends: target.backends,
});
