/** Fewer unique units than this show nothing, whatever they say. */
export const LEAST_UNITS = 30;
