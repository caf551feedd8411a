import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { Document, isScalar, visit } from 'yaml';
import type { Summary, TensorSummary } from '../../backends/summary.js';
import { VERSION } from '../../backends/version.js';
import type { CompilePlan } from '../compile-plan.js';
import { RECIPE_NAMES } from '../recipe-names.js';
import { RECORDED } from './config-keys.js';
import { SYNTHETIC } from './config-record.js';

/** What identifies a compilation beside its settings. */
export interface Identity {
  readonly modelSha256: string;
  /** Undefined for random numbers in place of data. */
  readonly calibrationSha256: string | undefined;
  readonly resultSha256: string;
}

/**
 * The settings of a compilation and everything it chose, as YAML that `--config` reads (spec 4.2). Settings that a recipe
 * decides itself are left out; paths start from the folder of the file. Numbers are those of the compilation, to the last bit.
 */
export function saveConfig(
  { options, calibration }: Pick<CompilePlan, 'options' | 'calibration'>,
  summary: Summary,
  identity: Identity,
  file: { readonly path: string; readonly cwd: string },
): string {
  const fromFile = (path: string): string =>
    isAbsolute(path) ? path : relative(dirname(file.path), resolve(file.cwd, path)).replaceAll('\\', '/');
  const settings = {
    target: options.target.name,
    backend: options.backend,
    ...(calibration.length > 0 && { calib: calibration.map(fromFile) }),
    'calib-batch': options.calibrationBatch ?? 16,
    'weight-bits': options.weightBits ?? 8,
    'activation-bits': options.activationBits ?? 8,
    ...(options.layerBits !== undefined && options.layerBits.size > 0 && { bits: bitsOf(options.layerBits) }),
    recipe: RECIPE_NAMES.find((name) => name === summary.recipe) ?? options.recipe ?? RECIPE_NAMES[0],
    ...(options.observer !== undefined && { observer: options.observer }),
    'bias-calibration': options.biasCalibration ?? 0,
    output: summary.output,
    rules: options.rules ?? 'strict',
    legalise: options.legalise === true,
    ...(options.surgery !== undefined && { surgery: options.surgery.map(({ name }) => name) }),
  };
  const document = new Document({ ...settings, [RECORDED]: recordOf(summary, identity) });
  document.commentBefore =
    ` How quantc made the model. --config with this file makes the same again, byte for byte, from the same model and\n` +
    ` calibration data; anything else is refused as long as the section '${RECORDED}' is there.`;
  visit(document, {
    // Lists of numbers take one line.
    Seq: (_, list) => {
      if (list.items.every((item) => isScalar(item) && typeof item.value !== 'string')) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const bitsOf = (layers: NonNullable<CompilePlan['options']['layerBits']>): string[] =>
  [...layers].map(
    ([name, { weights, activations }]) =>
      `${name}=${weights ?? ''}${activations === undefined ? '' : `/${activations}`}`,
  );

function recordOf(summary: Summary, { modelSha256, calibrationSha256, resultSha256 }: Identity): object {
  return {
    version: VERSION,
    'model-sha256': modelSha256,
    'calibration-sha256': calibrationSha256 ?? SYNTHETIC,
    'result-sha256': resultSha256,
    inputs: summary.inputs.map(tensorOf),
    outputs: summary.outputs.map(tensorOf),
    activations: summary.activations.map(({ name, min, max, scale, bits, signed }) => ({
      name,
      min,
      max,
      scale,
      bits,
      signed,
    })),
    layers: summary.layers
      .filter(({ weightScale }) => weightScale.length > 0)
      .map(({ name, weightBits, inputScale, outputScale, weightScale, shift }) => ({
        name,
        'weight-bits': weightBits,
        'input-scale': inputScale,
        'output-scale': outputScale,
        'weight-scale': weightScale,
        shift,
      })),
  };
}

const tensorOf = ({ name, scale, zeroPoint, bits, signed }: TensorSummary): object => ({
  name,
  scale,
  'zero-point': zeroPoint,
  bits,
  signed,
});
