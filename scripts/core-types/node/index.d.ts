// Stands in for @types/node in tsconfig.core.json: the library must not see the globals of Node.
export {};
