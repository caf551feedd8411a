import { ELEMENTWISE_OPERATORS } from './elementwise.js';
import { NN_OPERATORS } from './nn.js';
import { RECURRENT_OPERATORS } from './recurrent.js';
import { SHAPE_OPERATORS } from './shape-ops.js';
import { operatorTable, type OperatorTable } from './table.js';

/** Every operator of ai.onnx that the IR knows, in its newest form. */
export const OPERATORS: OperatorTable = operatorTable(
  NN_OPERATORS,
  RECURRENT_OPERATORS,
  ELEMENTWISE_OPERATORS,
  SHAPE_OPERATORS,
);
