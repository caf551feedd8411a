import { readQuantcMetadata } from '../../backends/quantc-metadata.js';
import type { Diagnostic } from '../../ir/diagnostics.js';
import { sentence } from '../console.js';
import type { Inspection } from '../inspection.js';
import { compact, formatBytes, formatReal, formatType, quantity } from '../text/format.js';
import type { TableOptions } from '../text/table.js';
import { printable, wrap } from '../text/width.js';
import { affineTable } from './affine-table.js';
import { placement } from './compile-report.js';
import { factLines, type Fact } from './facts.js';
import { layerTable } from './layer-table.js';
import type { InterfaceTensor } from './model-facts.js';
import { estimateFacts, islandFacts } from './work-facts.js';

const KINDS: Readonly<Record<Inspection['kind'], string>> = {
  float: 'float model',
  tinpu: 'integers of the NPU (TINPU)',
  integer: 'integers that RequantShift requantises',
  qdq: 'QDQ model (integers with zero points and free scales)',
};

/** The answer of `inspect` for people. */
export function inspectReport(
  inspection: Inspection,
  diagnostics: readonly Diagnostic[],
  options: TableOptions,
): string[] {
  const { style } = options;
  const { onnx, layers, affineLayers, kind, inputs, outputs } = inspection;
  const head = factLines(
    [
      [
        'producer',
        printable([onnx.producer, onnx.producerVersion].filter((text) => text !== '').join(' ') || 'not named'),
      ],
      ['opset', `${onnx.opset} (IR version ${onnx.irVersion})`],
      ...inputs.map((tensor): Fact => ['input', describeTensor(tensor)]),
      ...outputs.map((tensor): Fact => ['output', describeTensor(tensor)]),
      [
        'nodes',
        `${onnx.nodes}: ${onnx.operators.map(({ op, count }) => (count === 1 ? op : `${count} ${op}`)).join(', ')}`,
      ],
      ['parameters', `${compact(onnx.parameters)} (${formatBytes(onnx.parameterBytes)})`],
      ...(onnx.macs === 0 ? [] : [['MACs', `${compact(onnx.macs)} a sample`] as const]),
      ...madeBy(inspection),
    ],
    options,
  );
  return [
    `${style.bold(printable(inspection.model))}: ${KINDS[kind]}, ${formatBytes(onnx.bytes)}`,
    '',
    ...head,
    ...(layers.length === 0
      ? []
      : ['', ...layerTable(layers, options), '', ...factLines(layerFacts(inspection), options)]),
    ...(affineLayers.length === 0 ? [] : ['', ...affineTable(affineLayers, options)]),
    ...(diagnostics.length === 0 ? [] : ['', ...remarks(inspection, diagnostics, options)]),
  ];
}

function layerFacts({ target, backend, kind, layers, islands, estimate, memory, diagnostics }: Inspection): Fact[] {
  const obstacles = diagnostics.filter(({ severity }) => severity === 'error').length;
  const { weightBytes, peakActivationBytes } = memory;
  const facts: (Fact | undefined)[] = [
    target === null ? undefined : ['placement', `on ${target}: ${placement(layers, backend)}`],
    ...islandFacts(islands),
    ...(estimate === null ? [] : estimateFacts(estimate)),
    weightBytes === null ? undefined : ['weights', `${formatBytes(weightBytes)} in integers`],
    peakActivationBytes === null ? undefined : ['activations', `${formatBytes(peakActivationBytes)} at their peak`],
    kind === 'tinpu' || kind === 'integer'
      ? undefined
      : ['compilable', obstacles === 0 ? 'yes' : `no, ${quantity(obstacles, 'obstacle')} below`],
  ];
  return facts.filter((fact) => fact !== undefined);
}

function madeBy({ onnx: { metadata } }: Inspection): Fact[] {
  const made = readQuantcMetadata(new Map(metadata.map(({ key, value }) => [key, value])));
  if (made === undefined) return [];
  const { target, backend, recipe } = made;
  return [['made for', printable(`${target} by quantc (backend ${backend}, recipe ${recipe})`)]];
}

function describeTensor({ name, dtype, shape, scale, bits, signed }: InterfaceTensor): string {
  const type = `'${printable(name)}' ${printable(formatType(dtype, shape))}`;
  return scale === 1 ? type : `${type}, ${signed ? 'int' : 'uint'}${bits} of scale ${formatReal(scale)}`;
}

/** What stands in the way, and warnings; a hint is told once for neighbours that share it. */
function remarks(
  { model }: Inspection,
  diagnostics: readonly Diagnostic[],
  { style, columns }: TableOptions,
): string[] {
  return diagnostics.flatMap((diagnostic, i) => {
    const { severity, hint } = diagnostic;
    const text = sentence(diagnostic);
    const place = printable(`${model}: `);
    const lines = wrap(`${LABELS[severity]}: ${text.startsWith(place) ? text.slice(place.length) : text}`, columns - 2);
    const label = severity === 'error' ? style.bad : style.warn;
    const hinted = hint !== undefined && diagnostics[i + 1]?.hint !== hint;
    return [
      ...lines.map((line, at) => (at === 0 ? line.replace(LABELS[severity], label) : `  ${line}`)),
      ...(hinted ? wrap(printable(hint), columns - 2).map((line) => style.dim(`  ${line}`)) : []),
    ];
  });
}

const LABELS: Readonly<Record<Diagnostic['severity'], string>> = {
  error: 'obstacle',
  warning: 'warning',
  info: 'note',
};
