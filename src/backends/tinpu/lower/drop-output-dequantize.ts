import type { Node } from '../../../ir/graph.js';
import type { Pass } from '../../../passes/pass.js';
import { removeIfDead } from '../../../passes/driver.js';

/** Graph outputs deliver the integers instead of their real values (T19, `--output int`). */
export const dropOutputDequantize: Pass = {
  name: 'drop-output-dequantize',
  run: (editor) => {
    const bypassed = new Set<Node>();
    for (const output of [...editor.graph.outputs]) {
      const { producer } = output.value;
      const [integers] = producer?.inputs ?? [];
      if (producer?.domain !== 'q' || producer.op !== 'Dequantize' || integers === undefined) continue;
      editor.setOutput(output, integers);
      bypassed.add(producer);
    }
    for (const node of bypassed) removeIfDead(editor, node);
  },
};
