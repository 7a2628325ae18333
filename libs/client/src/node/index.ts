/** What a device needs of Node. */
export { enrol } from './enrol.js';
export { FileTokenStore } from './file-token-store.js';
export { nodeConnect } from './node-connect.js';
export { nodeHashes } from './node-hashes.js';
export { nodeHttp, type NodeHttp } from './node-http.js';
export { nodePlatform, type NodePlatform, type NodeSettings } from './node-platform.js';
