// What skapi-js tells of itself has no more members than these; all else is as Pipit's client tells it.
import * as events from '../../browser/suites/events.mjs';

const ofClient = ({ type, message }) => ({ type, message });

export const success = ofClient(events.success);
export const closed = ofClient(events.closed);
export const reconnect = (attempt) => ofClient(events.reconnect(attempt));
export const lost = { type: 'error', message: 'Skapi: WebSocket unexpected close.' };
export const notConnected = { type: 'error', message: 'Skapi: WebSocket connection error.' };
