import { useEffect, useRef, useState } from 'preact/hooks';

interface Props {
  readonly title: string;
  /** what will happen, in one or two sentences */
  readonly text: string;
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** asks for a time too, starting from this one (epoch ms) */
  readonly time?: number;
  readonly timeName?: string;
  readonly onSubmit: (why: string, time: string | undefined) => Promise<void>;
  readonly onClose: () => void;
}

/** `2026-03-10T14:20` in the browser's zone, as an input of type datetime-local wants it. */
function inputTime(ms: number): string {
  const zone = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - zone).toISOString().slice(0, 16);
}

/** Asks why before something is done; the reason goes to the audit log. */
export function ReasonDialog(props: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState('');
  const [time, setTime] = useState(props.time === undefined ? '' : inputTime(props.time));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await props.onSubmit(why.trim(), time === '' ? undefined : new Date(time).toISOString());
      props.onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={props.onClose} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h2 id="dialog-title">{props.title}</h2>
        <p>{props.text}</p>
        {props.time !== undefined && (
          <TimeField name={props.timeName ?? 'Time'} value={time} onChange={setTime} />
        )}
        <WhyField value={why} onChange={setWhy} />
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Back
          </button>
          <button
            type="submit"
            class={props.isDangerous ? 'dangerous' : 'primary'}
            disabled={isBusy || why.trim().length < 3}
          >
            {props.confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function TimeField({ name, value, onChange }: FieldProps & { name: string }) {
  return (
    <label>
      {name}
      <input
        type="datetime-local"
        required
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

function WhyField({ value, onChange }: FieldProps) {
  return (
    <label>
      Reason <small>kept in the audit log with your name</small>
      <textarea
        required
        minLength={3}
        maxLength={1024}
        rows={3}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
