export { VERSION } from './backends/version.js';
