import { valuesOf } from '../ir/graph.js';
import type { Pass } from './pass.js';

/**
 * What a graph output delivers is labelled with the output's name, as it will be in a file; a value that bears that label
 * gets `<name>/<part>`. An input, a constant and a value that bears the name of another output keep their labels.
 */
export const labelOutputs = (part: string): Pass => ({
  name: 'label-outputs',
  run: (editor) => {
    const { graph } = editor;
    const settled = new Set([
      ...graph.inputs,
      ...graph.outputs.flatMap(({ name, value }) => (value.name === name ? [value] : [])),
    ]);
    for (const output of graph.outputs) {
      const { name, value } = output;
      if (value.producer === undefined || settled.has(value)) continue;
      const bearer = [...valuesOf(graph)].find((other) => other.name === name);
      if (bearer !== undefined) editor.rename(bearer, `${name}/${part}`);
      editor.labelAsOutput(output);
      settled.add(value);
    }
  },
});
