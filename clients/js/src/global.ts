// For <script src="…/pipit.js">: makes the global `Pipit`, which connects to where the script came from.
import { PipitError } from './errors.js';
import { Pipit } from './pipit.js';
import { surroundings } from './surroundings.js';

const script = document.currentScript as HTMLScriptElement | null;
if (script?.src) surroundings.origin = new URL(script.src).origin;

Object.assign(globalThis, { Pipit: Object.assign(Pipit, { PipitError }) });
