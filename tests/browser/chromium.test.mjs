import { testIn } from './support/matrix.mjs';

testIn('chromium');
