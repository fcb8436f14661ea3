// The program as a person starts it: a folder of its own, a free port, an end.
import { spawn, execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const binary = process.env.PEYVAND_BIN;
if (!binary) throw new Error('PEYVAND_BIN names the program to test');

const freePort = () =>
  new Promise((done, fail) => {
    const s = createServer();
    s.once('error', fail);
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });

/** Runs a command of the program on a data folder and gives its output. */
export const command = async (data, ...words) =>
  (await run(binary, [...words, '--data', data], { maxBuffer: 1 << 24 })).stdout;

/** Starts the program; `demo` fills it with the small invented company first. */
export async function start({ demo = false } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'peyvand-e2e-'));
  if (demo) await command(data, 'demo', '--small', '--no-serve');
  const port = await freePort();
  const child = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let problems = '';
  child.stderr.on('data', d => {
    problems += d;
  });
  const up = new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`the program did not come up: ${said}${problems}`)), 60_000);
    child.stdout.on('data', d => {
      said += d;
      if (said.includes('peyvand listens on')) {
        clearTimeout(late);
        done();
      }
    });
    child.once('exit', code => {
      clearTimeout(late);
      fail(new Error(`the program ended with ${code}: ${problems}`));
    });
  });
  await up;
  const base = `http://127.0.0.1:${port}`;
  return {
    data,
    base,
    /** The link of the first set-up, once it has been printed. */
    async setUpLink() {
      for (let n = 0; n < 100 && !said.includes('/set-up?token='); n++) await new Promise(r => setTimeout(r, 50));
      return said.match(/\/set-up\?token=\S+/)?.[0];
    },
    command: (...words) => command(data, ...words),
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise(r => child.once('exit', r));
      child.kill('SIGTERM');
      await Promise.race([ended, new Promise(r => setTimeout(r, 5_000))]);
      child.kill('SIGKILL');
      await rm(data, { recursive: true, force: true });
    },
  };
}
