import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportModel } from '../../src/ir/onnx/export.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import type { CliIo, FileSystem } from '../../src/cli/io.js';
import { main } from '../../src/cli/main.js';
import { NODE_FILES } from '../../src/cli/node-io.js';

export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly cwd?: string;
  /** Width of the terminal that both streams are; they are pipes when omitted. */
  readonly terminal?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: FileSystem;
}

/** Runs the command line in this process. Its clock goes on by a second with every look at it. */
export async function quantc(argv: readonly string[], circumstances: Circumstances = {}): Promise<Answer> {
  const { cwd = '/nowhere', terminal, env = {}, files = NODE_FILES } = circumstances;
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr'): CliIo['stdout'] => ({
    isTTY: terminal !== undefined,
    columns: terminal,
    write: (text) => {
      written[name] += text;
    },
  });
  let time = 0;
  const status = await main(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env,
    cwd,
    files,
    now: () => (time += 1000),
    host: 'node v20.0.0, testos x64',
  });
  return { status, ...written };
}

/** A folder of its own for each test, with what it holds by name. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'quantc-cli-'));

  write(name: string, content: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /** Names of what lies in it, hidden files included. */
  list(): string[] {
    return readdirSync(this.path).sort();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A model file of the graph in text form. */
export const modelOf = (text: string): Uint8Array =>
  exportModel(parseGraph(text, OPERATORS), { opset: 17, producer: 'test' });

/** Convolution, clipping, global mean and a fully connected layer: [N,1,8,1] → [N,2]. */
export const TINY = `
graph "tiny"
input %x: float32[N,1,8,1]
const %w: float32[4,1,3,1] = random 1
const %b: float32[4] = [0.1, -0.2, 0.3, 0]
const %v: float32[4,2] = random 2
%c: float32[N,4,8,1] = Conv(%x, %w, %b) {kernel_shape = [3, 1], pads = [1, 0, 1, 0]} "/conv"
%r: float32[N,4,8,1] = Relu(%c) "/relu"
%p: float32[N,4,1,1] = GlobalAveragePool(%r) "/pool"
%f: float32[N,4] = Flatten(%p) {axis = 1} "/flatten"
%y: float32[N,2] = Gemm(%f, %v) "/fc"
output "y" = %y
`;
