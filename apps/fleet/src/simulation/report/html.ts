import type { ScenarioResult } from '../simulate-scenario.js';

export const toHtml = ({ title }: ScenarioResult): string => title;
