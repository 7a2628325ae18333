import { FIGURES_SENSITIVITY, FIGURES_SHAPE } from '#learning';
import type { PrivacyPlan } from '#protocol';

/** More than this, and an accuracy says little. */
const USEFUL_POINTS = 5;

/** Noise on two numbers is small, but so is what one wants to see of them. @returns sentences */
export function noiseOnFigures({ noiseMultiplier }: PrivacyPlan, devices: number): string[] {
  const points = (100 * noiseMultiplier * FIGURES_SENSITIVITY) / (FIGURES_SHAPE.grid.scale * devices);
  if (points <= USEFUL_POINTS) return [];
  return [
    `The noise moves the mean accuracy by ${points.toPrecision(2)} points (one deviation): ` +
      `with ${Math.ceil((devices * points) / USEFUL_POINTS)} devices, not ${devices}, it would be ${USEFUL_POINTS}.`,
  ];
}
