/**
 * The z-score that every green-list detector of the KGW family prints: (green − γ·total) / √(total·γ·(1 − γ)), with γ as configured, not
 * the share ⌊γV⌋/V that the list really has (Kirchenbauer et al. 2023, eq. 3). Null if nothing was counted.
 */
export function greenZ(green: number, total: number, gamma: number): number | null {
  return total === 0 ? null : (green - gamma * total) / Math.sqrt(total * gamma * (1 - gamma));
}
