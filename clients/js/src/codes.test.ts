import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('codes.ts is what the catalogue makes today', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-codes-'));
  try {
    const fresh = join(folder, 'codes.ts');
    execFileSync('python3', ['../../scripts/generate_codes.py', 'ts', fresh]);
    assert.equal(readFileSync('src/codes.ts', 'utf8'), readFileSync(fresh, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
