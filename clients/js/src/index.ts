export { Pipit } from './pipit.js';
export { PipitError } from './errors.js';
export type {
  ConnectionEvent,
  Delivery,
  FormInput,
  JoinParams,
  LogLevel,
  Notice,
  Notification,
  PipitOptions,
  RealtimeCallback,
  Recipient,
  Success,
  User,
  WebSocketClass,
  WebSocketLike,
  WebSocketMessage,
} from './types.js';
