import { UserError } from '../../ir/diagnostics.js';
import type { Labels } from './labels.js';

export const METRICS = ['accuracy', 'auc', 'r2'] as const;
/**
 * `accuracy`: share of samples whose largest result is that of their class. `auc`: the area under the ROC curve of the mean
 * squared difference between result and input, or of a single result itself. `r2`: the coefficient of determination.
 */
export type MetricName = (typeof METRICS)[number];

/** Elements that a sample has. */
export interface SampleSizes {
  readonly output: number;
  /** Undefined for a model of several inputs. */
  readonly input: number | undefined;
}

/**
 * The metric that labels and output call for, unless one is asked for: real labels R²; labels 0 and 1 the area under the curve
 * for an output as wide as the input or of one element; other whole numbers, one a sample, accuracy.
 * @throws UserError when labels and output do not go together
 */
export function chooseMetric(labels: Labels, sizes: SampleSizes, wanted?: MetricName): MetricName {
  const { elements, perSample } = labels;
  const name = wanted ?? natural(labels, sizes);
  const found = `labels of ${counted(perSample)} a sample and a result of ${sizes.output}`;
  switch (name) {
    case 'accuracy': {
      if (sizes.output < 2) throw refusal(`accuracy needs a result of at least 2 classes; there are ${found}`);
      if (perSample !== 1) throw refusal(`accuracy needs one class for each sample; there are ${found}`);
      const odd = elements.find((label) => !Number.isInteger(label) || label < 0 || label >= sizes.output);
      if (odd !== undefined) throw refusal(`a label is ${odd}, accepted: classes 0 to ${sizes.output - 1}`);
      break;
    }
    case 'auc': {
      if (perSample !== 1 || !elements.every(isBinary)) {
        throw refusal('the area under the curve needs one label for each sample, 0 (normal) or 1 (anomalous)');
      }
      if (new Set(elements).size < 2) throw refusal('the area under the curve needs samples of both labels, 0 and 1');
      if (sizes.output !== 1 && sizes.output !== sizes.input) {
        throw refusal(
          `the area under the curve needs a result as wide as the input (${sizes.input ?? 'several inputs'}), or of one element; it has ${sizes.output}`,
        );
      }
      break;
    }
    case 'r2':
      if (perSample !== sizes.output) throw refusal(`R² needs as many labels as results; there are ${found}`);
  }
  return name;
}

function natural({ elements, perSample, stored }: Labels, { output, input }: SampleSizes): MetricName {
  const whole = perSample === 1 && elements.every(Number.isInteger);
  const comparable = perSample === output;
  if (!whole || (stored === 'floats' && comparable)) return 'r2';
  if (elements.every(isBinary) && (output === 1 || (output === input && output > 2))) return 'auc';
  return comparable ? 'r2' : 'accuracy';
}

const isBinary = (label: number): boolean => label === 0 || label === 1;
const counted = (count: number): string => `${count} element${count === 1 ? '' : 's'}`;

const refusal = (message: string): UserError =>
  new UserError({
    code: 'label-metric',
    severity: 'error',
    message,
    hint: 'check --labels, or say what to measure with --metric accuracy, auc or r2',
  });
