import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import type { Draft } from './draft.js';
import { dropped, type NormalRule } from './rule.js';

/** Upsample of opsets 1 (height_scale, width_scale), 7 (attribute scales) and 9 (input scales) is an older Resize. */
export const UPSAMPLE: NormalRule = {
  ops: ['Upsample'],
  apply(draft) {
    const scales = scalesAttribute(draft);
    if (scales !== undefined) draft.setInput(1, draft.constant(Tensor.float32([scales.length], scales), 'scales'));
    if (draft.attrs.has('mode') && draft.attrs.string('mode') === 'bilinear') draft.set('mode', 'linear');
    draft.op = 'Resize';
    return oldResize(draft, 'Upsample');
  },
};

function scalesAttribute(draft: Draft): readonly number[] | undefined {
  if (draft.attrs.has('scales')) {
    const scales = draft.attrs.floats('scales');
    draft.drop('scales');
    return scales;
  }
  if (!draft.attrs.has('height_scale')) return undefined;
  const scales = [1, 1, draft.attrs.float('height_scale'), draft.attrs.float('width_scale')];
  draft.drop('height_scale', 'width_scale');
  return scales;
}

/** Resize of opset 10: scales are input 1, positions are asymmetric. */
export const RESIZE_10: NormalRule = {
  ops: ['Resize'],
  below: 11,
  apply: (draft) => (draft.attrs.has('coordinate_transformation_mode') ? undefined : oldResize(draft, 'Resize')),
};

/**
 * Nearest mode of these forms rounds down where it enlarges and up where it shrinks, as ONNX Runtime does; the operator
 * text does not say. Upsample only enlarges.
 */
function oldResize(draft: Draft, name: string): string {
  const scales = draft.input(1);
  draft.inputs = [draft.input(0), undefined, scales];
  draft.set('coordinate_transformation_mode', 'asymmetric');
  if (draft.attrs.string('mode', 'nearest') === 'nearest') {
    const factors = scales.constant?.toNumbers() ?? (name === 'Upsample' ? [] : undefined);
    if (factors === undefined) {
      throw new OperatorFault('dynamic-shape', `the scales of ${name} depend on the data, constants are accepted`);
    }
    const shrinks = factors.some((factor) => factor < 1);
    if (shrinks && factors.some((factor) => factor > 1)) {
      throw new OperatorFault(
        'unsupported-attribute',
        `${name} of opset ${draft.opset} enlarges some axes and shrinks others in nearest mode, one of both is accepted`,
        'Export the model with opset 11 or later.',
      );
    }
    draft.set('nearest_mode', shrinks ? 'ceil' : 'floor');
  }
  return 'positions are asymmetric';
}

/** Empty tensors stand for inputs of Resize that are left out; roi counts for tf_crop_and_resize only. */
export const RESIZE_INPUTS: NormalRule = {
  ops: ['Resize'],
  apply(draft) {
    const names = ['', 'roi', 'scales', 'sizes'];
    const crops = draft.attrs.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
    const gone: string[] = [];
    for (let index = 1; index < draft.inputs.length; index++) {
      if (!draft.has(index)) continue;
      const unused = index === 1 && !crops;
      if (!unused && draft.input(index).constant?.size !== 0) continue;
      draft.inputs[index] = undefined;
      gone.push(names[index] ?? '');
    }
    while (draft.inputs.length > 1 && draft.inputs.at(-1) === undefined) draft.inputs.pop();
    return dropped(gone, 'without effect');
  },
};

/** Modes of GridSample in opsets before 20 by their later names. */
const GRID_MODES: ReadonlyMap<string, string> = new Map([
  ['bilinear', 'linear'],
  ['bicubic', 'cubic'],
]);

export const GRID_SAMPLE: NormalRule = {
  ops: ['GridSample'],
  below: 20,
  apply(draft) {
    const mode = draft.attrs.string('mode', 'bilinear');
    const renamed = GRID_MODES.get(mode);
    if (renamed === undefined || !draft.attrs.has('mode')) return undefined;
    draft.set('mode', renamed);
    return `the mode ${mode} is called ${renamed}`;
  },
};
