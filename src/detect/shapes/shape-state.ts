import type { StateReader, StateWriter } from '../state-codec.js';
import type { ShapeModel, ShapeSample } from './shape-model.js';

type ModelHead = Pick<ShapeModel, 'clusters' | 'silhouette' | 'features' | 'scatter' | 'reach'>;
type SampleHead = Pick<
  ShapeSample,
  'objects' | 'kpis' | 'features' | 'kinds' | 'mostClusters' | 'seed' | 'perHour'
>;

/** Writes a model, or that there is none. */
export function saveModel(writer: StateWriter, name: string, model: ShapeModel | null): void {
  if (!model) {
    writer.json(name, null);
    return;
  }
  const { clusters, silhouette, features, scatter, reach } = model;
  const head: ModelHead = { clusters, silhouette, features, scatter, reach };
  writer.json(name, head);
  writer.array(`${name}.centroids`, model.centroids);
  writer.array(`${name}.profiles`, model.profiles);
  writer.array(`${name}.spreads`, model.spreads);
  writer.array(`${name}.strengths`, model.strengths);
  writer.array(`${name}.between`, model.between);
}

export function loadModel(reader: StateReader, name: string): ShapeModel | null {
  const head = reader.json<ModelHead | null>(name);
  if (!head) return null;
  const model: ShapeModel = {
    ...head,
    centroids: new Float64Array(reader.length(`${name}.centroids`)),
    profiles: new Float32Array(reader.length(`${name}.profiles`)),
    spreads: new Uint16Array(reader.length(`${name}.spreads`)),
    strengths: new Float32Array(reader.length(`${name}.strengths`)),
    between: new Float32Array(reader.length(`${name}.between`)),
  };
  reader.into(`${name}.centroids`, model.centroids);
  reader.into(`${name}.profiles`, model.profiles);
  reader.into(`${name}.spreads`, model.spreads);
  reader.into(`${name}.strengths`, model.strengths);
  reader.into(`${name}.between`, model.between);
  return model;
}

/** Writes what a fit works on, but for the model it is compared with. */
export function saveSample(writer: StateWriter, name: string, sample: ShapeSample): void {
  const { objects, kpis, features, kinds, mostClusters, seed, perHour } = sample;
  const head: SampleHead = { objects, kpis, features, kinds, mostClusters, seed, perHour };
  writer.json(name, head);
  writer.array(`${name}.profiles`, sample.profiles);
  writer.array(`${name}.spreads`, sample.spreads);
  writer.array(`${name}.days`, sample.days);
}

export function loadSample(reader: StateReader, name: string): Omit<ShapeSample, 'previous'> {
  const sample = {
    ...reader.json<SampleHead>(name),
    profiles: new Float32Array(reader.length(`${name}.profiles`)),
    spreads: new Uint16Array(reader.length(`${name}.spreads`)),
    days: new Float32Array(reader.length(`${name}.days`)),
  };
  reader.into(`${name}.profiles`, sample.profiles);
  reader.into(`${name}.spreads`, sample.spreads);
  reader.into(`${name}.days`, sample.days);
  return sample;
}
