// For <script src="…/pipit.js">: makes the global `Pipit`, which connects to where the script came from.
import { PipitError } from './errors.js';
import { script } from './load.script.js';
import { Pipit } from './pipit.js';
import { surroundings } from './surroundings.js';

if (script?.src) surroundings.origin = new URL(script.src).origin;

Object.assign(globalThis, { Pipit: Object.assign(Pipit, { PipitError }) });
