import type { Command } from 'commander';
import type { CommonFlags, Invocation } from '../invocation.js';

type Accept = (invocation: Invocation) => void;

export function addCompile(program: Command, accept: Accept): void {
  const command = program
    .command('compile', { isDefault: true })
    .summary('compile a float model for a target (the default command)')
    .description('Compiles a float ONNX model into the integers of a target and writes them as ONNX again.')
    .argument('<model.onnx>', 'the float model')
    .option('-t, --target <name>', 'the device; `quantc targets` lists them (required)')
    .option('--backend <name>', 'tinpu or generic (default: that of the target)')
    .option('-c, --calib <path>', 'calibration data, repeatable: .npy, .npz, .csv, .pb or a folder of those', collect, [])
    .option('--calib-batch <n>', 'samples that observers see at once (default: 16)')
    .option('--weight-bits <n>', 'bits of the weights: 8')
    .option('--activation-bits <n>', 'bits of the activations: 8')
    .option('--bits <layer=n>', 'bits of the weights of one layer, repeatable', collect, [])
    .option('--recipe <name>', 'quantc or torchmodelopt (default: quantc)')
    .option('--observer <name>', "minmax, moving-average, percentile, mse or entropy (default: the recipe's own)")
    .option('--output <kind>', 'what the model delivers: int or float (default: int)')
    .option('--rules <set>', 'rules of placement: strict or relaxed (default: strict)')
    .option('--config <file>', 'settings in a YAML file')
    .option('-o, --out <file>', 'the model to write (default: <stem>.<target>.onnx beside the input)')
    .option('--report <file>', 'write the summary to a .json file')
    .option('--verify-ir', 'check the graph between all passes (slow)');
  addCommon(command, 'print the summary as one JSON document').action((options: Options) => {
    accept({
      command: 'compile',
      operands: command.args,
      flags: {
        ...common(options),
        target: text(options, 'target'),
        backend: text(options, 'backend'),
        calib: texts(options, 'calib'),
        calibBatch: text(options, 'calibBatch'),
        weightBits: text(options, 'weightBits'),
        activationBits: text(options, 'activationBits'),
        bits: texts(options, 'bits'),
        recipe: text(options, 'recipe'),
        observer: text(options, 'observer'),
        output: text(options, 'output'),
        rules: text(options, 'rules'),
        config: text(options, 'config'),
        out: text(options, 'out'),
        report: text(options, 'report'),
        verifyIr: options['verifyIr'] === true,
      },
    });
  });
}
