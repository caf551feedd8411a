// The pass library alone: read a model, simplify it with a rule of one's own, write it. Here a ReLU right before a max pool
// moves behind it, where there are fewer elements to clip; the maximum of clipped values is the clipped maximum.
//
//   node examples/own-rule.mjs

import { readFileSync } from 'node:fs';
import { any, applyRules, decline, exportModel, GraphEditor, importModel, op, OPERATORS, opName, rule } from 'quantc';

const sinkRelu = rule({
  name: 'sink-relu',
  match: op('MaxPool', [op('Relu', [any('x')], { soleUse: true })], { as: 'pool' }),
  check: ({ pool }) => (pool.outputs.length > 1 ? decline('it also tells where the maxima are', pool) : undefined),
  rewrite: ({ x, pool }, to) => to.op('Relu', [to.op('MaxPool', [x], pool.attrs)]),
});

const bytes = readFileSync(new URL('../fixtures/cls_1k_v1/float.onnx', import.meta.url));
const { graph, metadata } = importModel(bytes);
const { counts } = applyRules(new GraphEditor(graph), [sinkRelu], { operators: OPERATORS });

console.log(graph.nodes.map(opName).join(', '));
console.log(`${sinkRelu.name} applied ${counts.get(sinkRelu.name)} times`);

const changed = exportModel(graph, { opset: metadata.opset });
console.log(`${changed.length} bytes of ONNX`);
