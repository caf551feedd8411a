import type { Summary } from '../../backends/summary.js';
import {
  compact,
  formatBytes,
  formatDecibels,
  formatRange,
  formatReal,
  formatSeconds,
  formatShare,
  quantity,
} from '../text/format.js';
import { printable } from '../text/width.js';
import { describeTensor, placement } from './compile-report.js';
import { escapeMarkup } from './markup.js';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #d8dee4; vertical-align: top; }
th { font-weight: 600; } .n { text-align: right; } .npu { color: #1a7f37; } .cpu, .warning { color: #9a6700; }
.error { color: #cf222e; } .note { color: #57606a; font-size: 0.9em; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; } th, td { border-color: #30363d; } .note { color: #8d96a0; } }
`;

/** A cell: text, set right when it is a number, and a class. */
interface Cell {
  readonly text: string;
  readonly number?: boolean;
  readonly mark?: string;
  readonly note?: string | undefined;
}

const word = (text: string, mark?: string): Cell => ({ text, ...(mark !== undefined && { mark }) });
const figure = (text: string): Cell => ({ text, number: true });

/** The summary of a compilation as one page that needs nothing else: no script, no font, nothing from a network. */
export function reportPage(summary: Summary): string {
  const { model, target, backend, recipe, version, diagnostics, activations } = summary;
  const title = `${model} for ${target}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    `<p>quantc ${escaped(version)}, backend ${escaped(backend)}, recipe ${escaped(recipe)}</p>`,
    ...section('Summary', ['', ''], facts(summary)),
    ...section('Layers', LAYER_HEADINGS, layerRows(summary)),
    ...section('Activations', ACTIVATION_HEADINGS, activationRows(activations)),
    ...section('Memory', ['', 'quantised', 'float'], memoryRows(summary)),
    ...section(
      'Diagnostics',
      ['severity', 'code', 'message', 'hint'],
      diagnostics.map(({ severity, code, message, node, hint }) => [
        word(severity, severity),
        word(code),
        { ...word(message), note: node === null || message.includes(node) ? undefined : node },
        word(hint ?? ''),
      ]),
    ),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const escaped = (text: string): string => escapeMarkup(printable(text));

/** A table under a heading; nothing where there are no rows. */
function section(heading: string, headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  if (rows.length === 0) return [];
  const numeric = (column: number): boolean => rows.every((row) => row[column]?.number === true);
  const head = headings.map((text, i) => `<th${numeric(i) ? ' class="n"' : ''}>${escaped(text)}</th>`).join('');
  return [
    `<h2>${escaped(heading)}</h2>`,
    '<table>',
    ...(headings.some((text) => text !== '') ? [`<thead><tr>${head}</tr></thead>`] : []),
    '<tbody>',
    ...rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`),
    '</tbody>',
    '</table>',
  ];
}

function cell({ text, number, mark, note }: Cell): string {
  const classes = [...(number === true ? ['n'] : []), ...(mark === undefined ? [] : [mark])];
  const attribute = classes.length === 0 ? '' : ` class="${escaped(classes.join(' '))}"`;
  const below = note === undefined ? '' : `<div class="note">${escaped(note)}</div>`;
  return `<td${attribute}>${escaped(text)}${below}</td>`;
}

function facts(summary: Summary): Cell[][] {
  const { layers, backend, accuracy, estimate, inputs, outputs, islands, seconds } = summary;
  const lines: [string, string][] = [
    ['placement', placement(layers, backend)],
    ...islands.map(({ number, operators, boundaries }): [string, string] => [
      `island ${number} in float`,
      `${operators.join(', ')}; ${boundaries === 1 ? '1 boundary' : `${boundaries} boundaries`}`,
    ]),
    ...(estimate.cycles === null
      ? []
      : ([['estimate', `${compact(estimate.cycles)} cycles (${estimate.basis})`]] as [string, string][])),
    ...inputs.map((tensor): [string, string] => ['input', describeTensor(tensor)]),
    ...outputs.map((tensor): [string, string] => ['output', describeTensor(tensor)]),
  ];
  if (accuracy !== null) {
    const { samples, sqnrDb, top1Agreement, maxAbsDiff } = accuracy;
    const parts = [
      sqnrDb === null ? 'no difference' : `${sqnrDb.toFixed(1)} dB`,
      ...(top1Agreement === null ? [] : [`same top class in ${formatShare(top1Agreement)}`]),
      ...(maxAbsDiff === null ? [] : [`largest difference ${formatReal(maxAbsDiff)}`]),
    ];
    lines.push(['agreement with the float model', `${parts.join(', ')} on ${quantity(samples, 'sample')}`]);
  }
  const total = seconds['total'];
  if (total !== undefined) lines.push(['time', formatSeconds(total)]);
  return lines.map(([name, text]) => [word(name), word(text)]);
}

const LAYER_HEADINGS = ['#', 'layer', 'pattern', 'on', 'output', 'weights', 'bits', 'MACs', 'shift', 'bytes', 'dB'];

const layerRows = ({ layers }: Summary): Cell[][] =>
  layers.map((layer, i) => {
    const { bytes, placement: unit, reason } = layer;
    const total = bytes.weights + bytes.bias + bytes.scale + bytes.shift;
    return [
      figure(String(i)),
      { ...word(layer.name), note: unit === 'npu' ? undefined : reason },
      word(layer.pattern ?? layer.op),
      word(unit.toUpperCase(), unit),
      word(layer.outputShape.join('×')),
      figure(layer.weightCount === 0 ? '–' : compact(layer.weightCount)),
      figure(layer.weightBits === null ? '–' : String(layer.weightBits)),
      figure(layer.macs === 0 ? '–' : compact(layer.macs)),
      figure(formatRange(layer.shift)),
      figure(total === 0 ? '–' : compact(total)),
      figure(formatDecibels(layer.sqnrDb)),
    ];
  });

const ACTIVATION_HEADINGS = ['tensor', 'least', 'largest', 'scale', 'integers', 'saturated'];

const activationRows = (activations: Summary['activations']): Cell[][] =>
  activations.map(({ name, min, max, scale, bits, signed, saturatedFraction }) => [
    word(name),
    figure(formatReal(min)),
    figure(formatReal(max)),
    figure(formatReal(scale)),
    word(`${signed ? 'int' : 'uint'}${bits}`),
    figure(saturatedFraction === null ? '–' : formatShare(saturatedFraction)),
  ]);

const memoryRows = ({ memory }: Summary): Cell[][] => [
  [word('weights'), figure(formatBytes(memory.weightBytes)), figure(formatBytes(memory.floatWeightBytes))],
  [
    word('activations at their peak'),
    figure(formatBytes(memory.peakActivationBytes)),
    figure(formatBytes(memory.floatPeakActivationBytes)),
  ],
];
