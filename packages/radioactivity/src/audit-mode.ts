/** How a student is looked at. */
export const auditModes = ["open", "closed", "closed-unfiltered"] as const;
export type AuditMode = (typeof auditModes)[number];

/** Whether a mode looks at what a model wrote. */
export const isClosed = (mode: AuditMode): boolean => mode !== "open";
