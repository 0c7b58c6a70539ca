declare module 'kafkajs-snappy' {
  /** A kafkajs codec: raw snappy, and the framing of Java's producers. */
  export default function snappyCodec(): {
    compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
    decompress(bytes: Buffer): Promise<Buffer>;
  };
}
