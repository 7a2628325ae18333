import { TextField } from './field.js';

export function NewPassword({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  return (
    <TextField
      label="New password"
      name="new-password"
      type="password"
      autoComplete="new-password"
      required
      minLength={12}
      maxLength={256}
      hint="at least 12 characters; a few words do"
      value={value}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}
