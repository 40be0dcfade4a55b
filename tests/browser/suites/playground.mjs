export function playground() {}
