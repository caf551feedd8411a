import { expect, it } from 'vitest';
import { domainOf, importedOpsets } from '../../../src/ir/onnx/opset-import.js';

it('the default domain has one name', () => {
  expect(['', null, undefined, 'ai.onnx'].map(domainOf)).toEqual(['', '', '', '']);
  expect(['com.microsoft', 'ai.onnx.ml'].map(domainOf)).toEqual(['com.microsoft', 'ai.onnx.ml']);
});

it('opsets of ai.onnx are told in the order of the file, whatever the domain is called', () => {
  const imports = [
    { domain: 'ai.onnx', version: 21 },
    { domain: 'com.microsoft', version: 1 },
    { version: 17 },
    { domain: '', version: 13 },
  ];
  expect(importedOpsets(imports)).toEqual([21, 17, 13]);
  expect(importedOpsets(undefined)).toEqual([]);
});
