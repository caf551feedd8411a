import { describe, expect, it } from 'vitest';
import { encodeTensorProto } from '../../../src/ir/onnx/tensor-proto.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { decodePb } from '../../../src/runtime/formats/pb.js';

describe('decodePb', () => {
  const tensor = new Tensor('int8', [3], Int8Array.of(1, -2, 3));
  it('reads a tensor and its name', () => {
    expect(decodePb(encodeTensorProto(tensor, 'x'))).toEqual({ name: 'x', tensor });
    expect(decodePb(encodeTensorProto(tensor)).name).toBe('');
  });
  it('names the file that it cannot read', () => {
    expect(() => decodePb(encodeTensorProto(tensor).subarray(0, 5), { file: 'a.pb' })).toThrow(
      expect.objectContaining({ diagnostics: [expect.objectContaining({ at: { file: 'a.pb' } })] }),
    );
    expect(() => decodePb(Uint8Array.of(1))).toThrow('damaged');
  });
});
