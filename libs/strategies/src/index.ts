export { loadStrategies, STRATEGY_MODULES } from './load-strategies.js';
