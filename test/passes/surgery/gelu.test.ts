import { gelu } from '../../../src/passes/surgery/gelu.js';
import { describeSurgery } from '../../support/surgery.js';

const ERF = `const %root: float32[] = [1.4142135]
  const %one: float32[] = [1]
  const %half: float32[] = [0.5]`;
const TANH = `const %three: float32[] = [3]
  const %cubic: float32[] = [0.044715]
  const %root: float32[] = [0.7978846]
  const %one: float32[] = [1]
  const %half: float32[] = [0.5]`;

describeSurgery(gelu, {
  agreement: { at: [0, 8, 20], relative: 1e-6, because: '1 - Φ(8) is below 1e-15; what is left is float32 rounding' },
  spellings: [
    { name: 'the operator', lines: '%y = Gelu(%x)' },
    { name: 'the operator, approximated', lines: '%y = Gelu(%x) {approximate = "tanh"}' },
    {
      name: 'PyTorch',
      lines: `${ERF}
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %m = Mul(%x, %a)
        %y = Mul(%m, %half)`,
    },
    {
      name: 'PyTorch with the half in front',
      lines: `${ERF}
        %h = Mul(%x, %half)
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %y = Mul(%h, %a)`,
    },
    {
      name: 'TensorFlow, the other way round and with a product by the inverse root',
      lines: `const %inverse: float32[1] = [0.70710677]
        const %one: float32[1,1] = [1]
        const %half: float32[] = [0.5]
        %d = Mul(%inverse, %x)
        %e = Erf(%d)
        %a = Add(%one, %e)
        %h = Mul(%half, %x)
        %y = Mul(%a, %h)`,
    },
    {
      name: 'the function body of ONNX, with constants that the model computes',
      lines: `const %one: float32[] = [1]
        const %half: float32[] = [0.5]
        const %two: float32[] = [2]
        %root: float32[] = Sqrt(%two)
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %phi = Mul(%half, %a)
        %i = Identity(%phi)
        %y = Mul(%x, %i)`,
    },
    {
      name: 'the half within the gate',
      lines: `const %inverse: float32[] = [0.70710677]
        const %half: float32[] = [0.5]
        %d = Mul(%x, %inverse)
        %e = Erf(%d)
        %s = Mul(%e, %half)
        %a = Add(%s, %half)
        %y = Mul(%x, %a)`,
    },
    {
      name: 'one minus Erf of the negative',
      lines: `${ERF}
        %n = Neg(%x)
        %d = Div(%n, %root)
        %e = Erf(%d)
        %a = Sub(%one, %e)
        %m = Mul(%x, %a)
        %y = Mul(%m, %half)`,
    },
    {
      name: 'divided by two',
      lines: `${ERF.replace('%half: float32[] = [0.5]', '%two: float32[] = [2]')}
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %h = Div(%x, %two)
        %y = Mul(%h, %a)`,
    },
    {
      name: 'the approximation with a power',
      lines: `${TANH}
        %p = Pow(%x, %three)
        %c = Mul(%p, %cubic)
        %s = Add(%x, %c)
        %r = Mul(%s, %root)
        %t = Tanh(%r)
        %a = Add(%t, %one)
        %h = Mul(%x, %half)
        %y = Mul(%h, %a)`,
    },
    {
      name: 'the approximation with an integral exponent, by the function body of ONNX',
      lines: `${TANH.replace('%three: float32[] = [3]', '%three: int64[] = [3]')}
        %p = Pow(%x, %three)
        %c = Mul(%cubic, %p)
        %s = Add(%x, %c)
        %r = Mul(%root, %s)
        %t = Tanh(%r)
        %a = Add(%one, %t)
        %m = Mul(%x, %a)
        %y = Mul(%half, %m)`,
    },
    {
      name: 'the approximation with products',
      lines: `${TANH.replace('const %three: float32[] = [3]', '')}
        %q = Mul(%x, %x)
        %p = Mul(%x, %q)
        %c = Mul(%cubic, %p)
        %s = Add(%x, %c)
        %r = Mul(%root, %s)
        %t = Tanh(%r)
        %a = Add(%one, %t)
        %m = Mul(%half, %a)
        %y = Mul(%x, %m)`,
    },
    {
      name: 'the approximation with the root multiplied in',
      lines: `const %first: float32[] = [0.7978846]
        const %third: float32[] = [0.035677407]
        const %one: float32[] = [1]
        const %half: float32[] = [0.5]
        %q = Mul(%x, %x)
        %c = Mul(%q, %third)
        %s = Add(%c, %first)
        %r = Mul(%x, %s)
        %t = Tanh(%r)
        %a = Add(%t, %one)
        %h = Mul(%half, %x)
        %y = Mul(%h, %a)`,
    },
    {
      name: 'the approximation by Sigmoid',
      lines: `const %first: float32[] = [1.5957691]
        const %third: float32[] = [0.071354814]
        %q = Mul(%x, %x)
        %c = Mul(%q, %third)
        %s = Add(%c, %first)
        %r = Mul(%x, %s)
        %g = Sigmoid(%r)
        %y = Mul(%x, %g)`,
    },
  ],
  refusals: [
    {
      name: 'a gate of another value',
      lines: `${ERF}
        input %z: float32[1,2,4]
        %d = Div(%z, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %m = Mul(%x, %a)
        %y = Mul(%m, %half)`,
      reason: 'the argument of Erf is no polynomial',
    },
    {
      name: 'a half that differs between channels',
      lines: `const %root: float32[] = [1.4142135]
        const %one: float32[] = [1]
        const %half: float32[4] = [0.5, 0.5, 0.5, 0.25]
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %m = Mul(%x, %a)
        %y = Mul(%m, %half)`,
      reason: 'the gate does not lead from 0 to 1',
    },
    {
      name: 'a constant that adds an axis',
      lines: `const %root: float32[] = [1.4142135]
        const %one: float32[] = [1]
        const %half: float32[1,1,1,1] = [0.5]
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %m = Mul(%x, %a)
        %y = Mul(%m, %half)`,
      reason: 'a constant adds elements',
    },
    {
      name: 'a quotient by the gate',
      lines: `${ERF}
        %d = Div(%x, %root)
        %e = Erf(%d)
        %a = Add(%e, %one)
        %h = Mul(%x, %half)
        %y = Div(%h, %a)`,
      reason: 'it divides by the gate',
    },
  ],
});
