import { foldClipIntoQuantize } from '../../../../src/backends/tinpu/lower/fold-clip-into-quantize.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

interface ClipCase {
  readonly range?: readonly [low: number, high: number];
  readonly name: string;
  readonly min?: string;
  readonly max?: string;
  readonly scale: string;
  readonly signed?: boolean;
}

const beforeOf = ({ min, max, scale, signed = false }: ClipCase): string => `graph "g"
    input %x: float32[N,50]
    ${min === undefined ? '' : `const %lo: float32[] = [${min}]`}
    ${max === undefined ? '' : `const %hi: float32[] = [${max}]`}
    %a = Clip(%x, ${min === undefined ? '_' : '%lo'}, ${max === undefined ? '_' : '%hi'}) "relu" @[3 "relu" "Relu"]
    %y: ${signed ? 'int8' : 'uint8'}[N,50]<${scale} ${signed ? 's8' : 'u8'}> = q.Quantize(%a) ${attrsOf(scale, signed)} "conv" @[2 "conv" "Conv"]
    output "y" = %y`;

const attrsOf = (scale: string, signed: boolean): string =>
  `{scale = ${scale}, lo = ${signed ? -128 : 0}, hi = ${signed ? 127 : 255}}`;

const folded = (clip: ClipCase) => ({
  name: clip.name,
  before: beforeOf(clip),
  after: `graph "g"
    input %x: float32[N,50]
    %y: ${clip.signed === true ? 'int8' : 'uint8'}[N,50]<${clip.scale} ${clip.signed === true ? 's8' : 'u8'}> = q.Quantize(%x) ${attrsOf(clip.scale, clip.signed === true)} "conv" @[2 "conv" "Conv", 3 "relu" "Relu"]
    output "y" = %y`,
  ...(clip.range === undefined ? {} : { feeds: { ranges: { x: clip.range } } }),
});

const kept = (clip: ClipCase, reason: string) => ({ name: clip.name, graph: beforeOf(clip), reason });

describeRule(
  foldClipIntoQuantize,
  {
    rewrites: [
      folded({ name: 'Relu', min: '0', scale: '0.01' }),
      folded({
        name: 'an upper bound at which the integers saturate',
        min: '0',
        max: '6',
        scale: '0.023529411764705882',
      }),
      folded({ name: 'an upper bound beyond what the integers hold', min: '0', max: '6', scale: '0.01' }),
      folded({
        name: 'a lower bound below what the integers hold',
        min: '-3',
        max: '7',
        scale: '0.0234375',
        signed: true,
      }),
      folded({
        // 127.5 steps either way: below the lower bound -128, half a step beyond it, stands for it.
        name: 'symmetric bounds, half a step within the integers',
        min: '-1.9921875',
        max: '1.9921875',
        scale: '0.015625',
        signed: true,
        range: [-1.5, 8],
      }),
      folded({ name: 'no bounds at all', scale: '0.02', signed: true }),
    ],
    refusals: [
      kept(
        { name: 'an upper bound that the integers go beyond', min: '0', max: '6', scale: '0.03125' },
        'integers reach up to 7.96875, the bound is 6',
      ),
      kept(
        { name: 'a lower bound that the integers go beyond', min: '-1', scale: '0.03125', signed: true },
        'integers reach down to -4, the bound is -1',
      ),
      kept(
        { name: 'an upper bound by just over half a step', min: '0', max: '3.9765', scale: '0.015625' },
        'integers reach up to 3.984375, the bound is 3.9765',
      ),
      {
        name: 'bounds that the model computes',
        graph: `graph "g"
          input %x: float32[N,50]
          input %lo: float32[]
          %a = Clip(%x, %lo)
          %y = q.Quantize(%a) {scale = 0.5, lo = 0, hi = 255}
          output "y" = %y`,
        reason: "'lo' is not a constant",
      },
    ],
    untouched: [
      {
        name: 'a Clip behind which nothing is quantised',
        graph: `graph "g"
          input %x: float32[N,50]
          const %lo: float32[] = [0]
          %a = Clip(%x, %lo)
          output "a" = %a`,
      },
    ],
  },
  TINPU_RULES,
);
