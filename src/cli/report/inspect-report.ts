import type { Diagnostic } from '../../ir/diagnostics.js';
import { findTarget } from '../../backends/targets.js';
import { sentence } from '../console.js';
import type { Inspection } from '../inspection.js';
import { compact, formatBytes, formatReal, formatType, quantity } from '../text/format.js';
import type { TableOptions } from '../text/table.js';
import { printable, wrap } from '../text/width.js';
import { placement } from './compile-report.js';
import { factLines, type Fact } from './facts.js';
import { layerTable } from './layer-table.js';
import type { InterfaceTensor } from './model-facts.js';

const KINDS: Readonly<Record<Inspection['kind'], string>> = {
  float: 'float model',
  tinpu: 'integers of the NPU (TINPU)',
  qdq: 'QDQ model (QuantizeLinear, DequantizeLinear)',
};

/** The answer of `inspect` for people. */
export function inspectReport(
  inspection: Inspection,
  diagnostics: readonly Diagnostic[],
  options: TableOptions,
): string[] {
  const { style } = options;
  const { onnx, layers, kind, inputs, outputs, memory } = inspection;
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
    ...(layers.length === 0 ? [] : ['', ...layerTable(layers, options), '', ...layerFacts(inspection, options)]),
    ...(diagnostics.length === 0 ? [] : ['', ...remarks(inspection, diagnostics, options)]),
  ];

  function layerFacts({ target }: Inspection, own: TableOptions): string[] {
    const obstacles = diagnostics.filter(({ severity }) => severity === 'error').length;
    const device = target === null ? undefined : findTarget(target);
    return factLines(
      [
        ...(device === undefined ? [] : [['placement', `on ${device.name}: ${placement(layers)}`] as const]),
        ...(memory.weightBytes === null
          ? []
          : [['weights', `${formatBytes(memory.weightBytes)} in integers`] as const]),
        ...(memory.peakActivationBytes === null
          ? []
          : [['activations', `${formatBytes(memory.peakActivationBytes)} at their peak`] as const]),
        ...(kind !== 'float'
          ? []
          : [['compilable', obstacles === 0 ? 'yes' : `no, ${quantity(obstacles, 'obstacle')} below`] as const]),
      ],
      own,
    );
  }
}

function madeBy({ recipe, target, backend }: Inspection): Fact[] {
  if (recipe === null) return [];
  return [
    ['made for', printable(`${target ?? 'an unknown target'} by quantc (backend ${backend ?? '?'}, recipe ${recipe})`)],
  ];
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
