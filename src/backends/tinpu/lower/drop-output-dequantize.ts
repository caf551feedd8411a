import type { Pass } from '../../../passes/pass.js';
import { removeIfDead } from '../../../passes/driver.js';

/** Graph outputs deliver the integers instead of their real values (T19, `--output int`). */
export const dropOutputDequantize: Pass = {
  name: 'drop-output-dequantize',
  run: (editor) => {
    for (const { value } of [...editor.graph.outputs]) {
      const { producer } = value;
      const [integers] = producer?.inputs ?? [];
      if (producer?.domain !== 'q' || producer.op !== 'Dequantize' || integers === undefined) continue;
      for (const output of editor.graph.outputs) if (output.value === value) editor.setOutput(output, integers);
      removeIfDead(editor, producer);
    }
  },
};
