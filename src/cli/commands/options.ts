import { Option, type Command } from 'commander';
import { SURGERY } from '../../passes/surgery/table.js';
import { ALL_SURGERY } from '../settings.js';
import type { CommonFlags, Invocation } from '../invocation.js';

type Accept = (invocation: Invocation) => void;

export function addCompile(program: Command, accept: Accept): void {
  const command = program
    .command('compile', { isDefault: true })
    .summary('compile a float model for a target (the default command)')
    .description('Compiles a float ONNX model into the integers of a target and writes them as ONNX again.')
    .argument('<model.onnx>', 'the float model')
    .option('-t, --target <name>', 'the device, required; `quantc targets` lists them')
    .option('--backend <name>', 'tinpu or generic (default: that of the target)')
    .option('-c, --calib <path>', 'calibration data, repeatable: .npy, .npz, .csv, .pb or a folder of those', collect)
    .option('--calib-batch <n>', 'samples that observers see at once (default: 16)')
    .option('--weight-bits <n>', 'bits of the weights: 8, 4 or 2 (default: 8)')
    .option('--activation-bits <n>', 'bits of the activations: 8, 4 or 2 (default: 8)')
    .option('--bits <layer=n>', 'bits of the weights, or n/m of weights and result, of one layer, repeatable', collect)
    .option('--recipe <name>', 'quantc or torchmodelopt (default: quantc)')
    .option('--observer <name>', "minmax, moving-average, percentile, mse or entropy (default: the recipe's own)")
    .option('--bias-calibration <factor>', 'share of the error of the means that biases take away: 0 to 1 (default: 0)')
    .option('--output <kind>', 'what the model delivers: int or float (default: int)')
    .option('--rules <set>', 'rules of placement: strict or relaxed (default: strict)')
    .option('--legalise', 'bring more layers to the NPU by equal forms: zero channels, other kernels; each is reported')
    .addOption(surgeryOption())
    .option('--config <file>', 'settings in a YAML file: these options by name, or a file of Tiny ML Tensorlab')
    .addOption(saveConfigOption())
    .option('-o, --out <file>', 'the model to write (default: <stem>.<target>.onnx beside the input)')
    .option('--report <file>', 'also write the summary to a .json file, or as a page to an .html file')
    .option('--verify-ir', 'check the graph after every pass');
  addCommon(command).action(() => {
    const options = new Options(command);
    const flags = {
      ...options.common(),
      target: options.text('target'),
      backend: options.text('backend'),
      calib: options.texts('calib'),
      calibBatch: options.text('calibBatch'),
      weightBits: options.text('weightBits'),
      activationBits: options.text('activationBits'),
      bits: options.texts('bits'),
      recipe: options.text('recipe'),
      observer: options.text('observer'),
      biasCalibration: options.text('biasCalibration'),
      output: options.text('output'),
      rules: options.text('rules'),
      legalise: options.flag('legalise'),
      surgery: options.texts('surgery'),
      config: options.text('config'),
      saveConfig: options.text('saveConfig'),
      out: options.text('out'),
      report: options.text('report'),
      verifyIr: options.flag('verifyIr'),
    };
    accept({ command: 'compile', operands: command.args, flags });
  });
}

export function addInspect(program: Command, accept: Accept): void {
  const command = program
    .command('inspect')
    .summary('say what a model is and where its layers would run')
    .description(
      'Says what a model is. With a target: which layer would run where and why, and what stands in the way.',
    )
    .argument('<model.onnx>', 'a float or quantised model')
    .option('-t, --target <name>', 'a device; `quantc targets` lists them')
    .option('--backend <name>', 'tinpu or generic (default: that of the target)')
    .option('--rules <set>', 'rules of placement: strict or relaxed (default: strict)')
    .addOption(surgeryOption());
  addCommon(command).action(() => {
    const options = new Options(command);
    const flags = {
      ...options.common(),
      target: options.text('target'),
      backend: options.text('backend'),
      rules: options.text('rules'),
      surgery: options.texts('surgery'),
    };
    accept({ command: 'inspect', operands: command.args, flags });
  });
}

export function addRun(program: Command, accept: Accept): void {
  const command = program
    .command('run')
    .summary('run a float, quantised or QDQ model on data')
    .description(
      'Runs a float, quantised or QDQ model on data. Axis 0 is the batch; a model of fixed batch gets batches of it.',
    )
    .argument('<model.onnx>', 'the model')
    .option('-i, --input <[name=]path>', 'data, repeatable: one file, or one for each input', collect)
    .option('-o, --out <file>', 'write the outputs: .npy for one, .npz for any number (default: print a digest)')
    .option('--intermediates <file.npz>', 'also write every tensor of the model')
    .option('--batch <n>', 'samples in a batch, for a model that takes any number (default: 16)')
    .option('--engine <name>', 'reference or fast; in this version both are the reference interpreter');
  addCommon(command).action(() => {
    const options = new Options(command);
    const flags = {
      ...options.common(),
      input: options.texts('input'),
      out: options.text('out'),
      intermediates: options.text('intermediates'),
      batch: options.text('batch'),
      engine: options.text('engine'),
    };
    accept({ command: 'run', operands: command.args, flags });
  });
}

export function addVerify(program: Command, accept: Accept): void {
  const command = program
    .command('verify')
    .summary('check a quantised model against golden vectors')
    .description(
      'Runs a quantised model on golden vectors and compares every tensor that they tell. Exit status 1 when any differs.',
    )
    .argument('<model.onnx>', 'the quantised model')
    .option(
      '--vectors <path>',
      'golden vectors, repeatable: .npz, .npy, test_vector.c, .json, .bin, .hex, or a folder of those',
      collect,
    )
    .option('--tolerance <n>', 'differences up to this are none (default: 0)')
    .option('--header <file.h>', 'generated header with the input sequence of a model that takes integers')
    .option('--shape <[name=]sizes>', 'shape of a dump, e.g. 1,3,64,1, repeatable', collect)
    .option(
      '--dtype <[name=]type>',
      'element type of a dump, e.g. int8, or int16be with the high byte first; repeatable',
      collect,
    )
    .option('--junit <file.xml>', 'also write the result as JUnit XML');
  addCommon(command).action(() => {
    const options = new Options(command);
    const flags = {
      ...options.common(),
      vectors: options.texts('vectors'),
      tolerance: options.text('tolerance'),
      header: options.text('header'),
      shape: options.texts('shape'),
      dtype: options.texts('dtype'),
      junit: options.text('junit'),
    };
    accept({ command: 'verify', operands: command.args, flags });
  });
}

export function addCompare(program: Command, accept: Accept): void {
  const command = program
    .command('compare')
    .summary('compare a quantised model with its float model on data')
    .description(
      'Compares a quantised model with its float model on data: outputs, layers and engines. A quantised model in the place of the float one is executed as it is, its outputs as real numbers. Exit status 1 when a bar is missed.',
    )
    .argument('<models...>', 'the float model, or another one to compare with, and the quantised model')
    .usage('[options] <float.onnx> <quantised.onnx>')
    .option('--data <[name=]path>', 'data, repeatable: one file, or one for each input', collect)
    .option('--labels <path>', 'what each sample is: .npy, .npz, .csv or .pb')
    .option(
      '--metric <name>',
      'what labels are used for: accuracy, auc or r2 (default: what labels and output call for)',
    )
    .option('--min-accuracy <share>', 'least accuracy, area under the curve or R² of the quantised model')
    .option('--min-sqnr <dB>', 'least signal-to-noise ratio at every output')
    .option('--header <file.h>', 'generated header with the input sequence of a model that takes integers')
    .option('--batch <n>', 'samples in a batch, for models that take any number (default: 16)')
    .option('--runtime', 'compare with the onnxruntime-node that is installed here (default: where there is one)')
    .option('--no-runtime', 'do not');
  addCommon(command).action(() => {
    const options = new Options(command);
    const flags = {
      ...options.common(),
      data: options.texts('data'),
      labels: options.text('labels'),
      metric: options.text('metric'),
      minAccuracy: options.text('minAccuracy'),
      minSqnr: options.text('minSqnr'),
      header: options.text('header'),
      batch: options.text('batch'),
      runtime: options.choice('runtime'),
    };
    accept({ command: 'compare', operands: command.args, flags });
  });
}

export function addVectors(program: Command, accept: Accept): void {
  const command = program
    .command('vectors')
    .summary('write golden vectors of a quantised model')
    .description(
      'Writes golden vectors of a quantised model: inputs and outputs of the samples that show every saturation seen.',
    )
    .argument('<model.onnx>', 'the quantised model')
    .option('--data <[name=]path>', 'samples to choose from, repeatable: one file, or one for each input', collect)
    .option('--count <n>', 'vectors to write (default: 8)')
    .option('--format <name>', 'c, npz or json (default: that of the name of the file)')
    .option('-o, --out <file>', 'the file to write, required')
    .option('--intermediates', 'also write every integer tensor');
  addCommon(command).action(() => {
    const options = new Options(command);
    const flags = {
      ...options.common(),
      data: options.texts('data'),
      count: options.text('count'),
      format: options.text('format'),
      out: options.text('out'),
      intermediates: options.flag('intermediates'),
    };
    accept({ command: 'vectors', operands: command.args, flags });
  });
}

export function addTargets(program: Command, accept: Accept): void {
  const command = program
    .command('targets')
    .summary('list the targets')
    .description('Lists the devices to compile for.');
  addCommon(command).action(() => {
    accept({ command: 'targets', operands: command.args, flags: new Options(command).common() });
  });
}

const addCommon = (command: Command): Command =>
  command
    .option('--json', 'print one JSON document instead of text')
    .option('-q, --quiet', 'print nothing but errors, and JSON where it is wanted')
    .option('-v, --verbose', 'tell on stderr what was done to the model')
    .option('--no-color', 'no colours')
    .allowExcessArguments();

/** Options of a command as they were given. */
class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(command: Command) {
    this.#values = command.opts();
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** A flag that can be given either way. */
  choice(name: string): boolean | undefined {
    const value = this.#values[name];
    return typeof value === 'boolean' ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  common(): CommonFlags {
    return {
      color: this.flag('color'),
      json: this.flag('json'),
      quiet: this.flag('quiet'),
      verbose: this.flag('verbose'),
    };
  }
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** Without a value it stands for all entries. */
const surgeryOption = (): Option =>
  new Option(
    '--surgery [names]',
    'replace activations by ones that become integers, which changes the function; repeatable: ' +
      `all, or some of ${SURGERY.map(({ name }) => name).join(', ')} (default: none)`,
  )
    .preset(ALL_SURGERY)
    .argParser(collect);

/** Without a value it stands for `quantization_config.yaml`. */
const saveConfigOption = (): Option =>
  new Option(
    '--save-config [file]',
    'also write every setting and scale as YAML that --config reads (default: quantization_config.yaml beside the model)',
  ).preset('');
