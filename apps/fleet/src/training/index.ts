export { DEMO_SETTINGS, type DemoSettings } from './demo-settings.js';
export { trainLocally, type TrainingSettings } from './local-training.js';
export {
  glorotUniform,
  initialParameters,
  MODELS,
  perceptron,
  type ModelDefinition,
  type ModelName,
} from './models.js';
export { TrainingPool, type EvaluationTask, type TrainingTask } from './training-pool.js';
