#!/usr/bin/env node
import { main } from './main.js';
import { nodeIo } from './node-io.js';

// A reader that has seen enough, such as `head`, closes the pipe; that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await main(process.argv.slice(2), nodeIo());
