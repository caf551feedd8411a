import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { Node } from '../../../ir/graph.js';
import { layerName, leadingOrigin } from '../../report/layer-name.js';
import type { LayerConstants, WeightConstraint, WeightMove } from '../recipes/recipe.js';

/** Why a channel's weights have another scale. */
const CAUSES: Readonly<Record<WeightConstraint, string>> = {
  'multiplier-range': 'the multiplier would leave the range of BNORM',
  'bias-width': 'the bias would leave its width',
  'accumulator-width': 'the accumulator could leave 32 bits',
  carrier: 'the accumulator could leave the integers that float32 holds exactly',
};

/** Losses below this are no reason to look into the model. */
const NOTABLE_DB = 3;

/** Says which channels of a layer have another weight scale than the best one, why, from what to what, and what it costs. */
export function reportMoves(layer: Node, { moves }: LayerConstants, report: (diagnostic: Diagnostic) => void): void {
  const origin = leadingOrigin(layer);
  for (const constraint of new Set(moves.map((move) => move.constraint))) {
    const own = moves.filter((move) => move.constraint === constraint);
    const worst = own.reduce((a, b) => (b.costDb > a.costDb ? b : a));
    report({
      code: 'weights-rescaled',
      severity: worst.costDb >= NOTABLE_DB ? 'warning' : 'info',
      message:
        `${channelsOf(own)} of '${layerName(layer)}' have another weight scale, because ${CAUSES[constraint]}: ` +
        `channel ${worst.channel} from ${worst.from.toPrecision(4)} to ${worst.to.toPrecision(4)}, ` +
        `which costs its weights ${worst.costDb.toFixed(1)} dB${own.length > 1 ? ', the most of them' : ''}`,
      ...(origin && { at: { nodeIndex: origin.index, node: origin.name, op: origin.op } }),
      hint: 'check the training of this layer: a few weights or biases are far larger than the others',
    });
  }
}

const channelsOf = (moves: readonly WeightMove[]): string =>
  moves.length === 1 ? `channel ${moves[0]?.channel ?? 0}` : `${moves.length} channels`;
