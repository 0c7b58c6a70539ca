import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface Props {
  readonly title: string;
  /** what will happen, in a few sentences */
  readonly text: string;
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** whether what else is asked for is there; default yes */
  readonly isReady?: boolean;
  /** what else is asked for, above the reason */
  readonly children?: ComponentChildren;
  readonly onSubmit: (why: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks why before something is done; the reason goes to the audit log. */
export function ReasonDialog(props: Props) {
  const { isReady = true } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await props.onSubmit(why.trim());
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
        {props.children}
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
            disabled={isBusy || !isReady || why.trim().length < 3}
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

function WhyField({ value, onChange }: FieldProps) {
  return (
    <label>
      Reason <small>kept in the audit log with your name, 3 characters at least</small>
      <textarea
        required
        minLength={3}
        maxLength={1024}
        rows={2}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
