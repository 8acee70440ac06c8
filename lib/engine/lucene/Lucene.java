import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** Lucene's HNSW index of float vectors: one field, in one segment, in files. */
final class Lucene implements Engine {
	private static final String FIELD = "vector";
	private static final double BUFFER_MIB = 1024; // of documents before a segment is written

	@Override
	public Index build(JsonObject fields, float[][] vectors) throws IOException {
		Directory directory = FSDirectory.open(Path.of(fields.get("folder").getAsString()));
		VectorSimilarityFunction similarity = switch (fields.get("metric").getAsString()) {
			case "euclidean" -> VectorSimilarityFunction.EUCLIDEAN;
			case "cosine" -> VectorSimilarityFunction.COSINE;
			case "inner product" -> VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
			default -> throw new IllegalArgumentException("metric " + fields.get("metric"));
		};
		KnnVectorsFormat format = new Format(fields.get("m").getAsInt(), fields.get("ef_construction").getAsInt(), vectors[0].length);
		IndexWriterConfig config = new IndexWriterConfig()
				.setCodec(new Lucene912Codec() {
					@Override
					public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
						return format;
					}
				})
				.setRAMBufferSizeMB(BUFFER_MIB)
				.setMergePolicy(new LogDocMergePolicy()) // merges neighbours only, so that documents keep their order
				.setMergeScheduler(new SerialMergeScheduler());
		try (IndexWriter writer = new IndexWriter(directory, config)) {
			for (float[] vector : vectors) {
				Document document = new Document();
				document.add(new KnnFloatVectorField(FIELD, vector, similarity));
				writer.addDocument(document);
			}
			writer.forceMerge(1);
		}
		return new Searcher(DirectoryReader.open(directory), fields.get("threads").getAsInt());
	}

	/** An open index. The ID of a document is the number of its row. */
	private static final class Searcher implements Index {
		private final DirectoryReader reader;
		private final IndexSearcher searcher;
		private final int threads;

		Searcher(DirectoryReader reader, int threads) {
			this.reader = reader;
			this.threads = threads;
			searcher = new IndexSearcher(reader);
			searcher.setQueryCache(null);
		}

		@Override
		public Answers call(String request, JsonObject fields, float[][] vectors, int[] ids) {
			if (!request.equals("ask")) {
				throw new IllegalArgumentException("request " + request);
			}
			int k = fields.get("k").getAsInt();
			int ef = fields.get("ef").getAsInt();
			Answers answers = new Answers(vectors.length);
			Side.each(threads, vectors.length, i -> ask(answers, i, vectors[i], k, ef));
			return answers;
		}

		/** Collects ef documents and keeps k, as Elasticsearch does with num_candidates and k. */
		private void ask(Answers answers, int i, float[] query, int k, int ef) {
			try {
				ScoreDoc[] found = searcher.search(new KnnFloatVectorQuery(FIELD, query, ef), k).scoreDocs;
				answers.ids()[i] = Arrays.stream(found).mapToInt(d -> d.doc).toArray();
				answers.distances()[i] = new float[found.length];
				for (int rank = 0; rank < found.length; rank++) {
					answers.distances()[i][rank] = found[rank].score;
				}
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}

		@Override
		public void close() throws IOException {
			reader.close();
			reader.directory().close();
		}
	}

	/** Lucene99HnswVectorsFormat, under its name, without its limit of 1,024 dimensions. */
	private static final class Format extends KnnVectorsFormat {
		private final KnnVectorsFormat format;
		private final int dimensions;

		Format(int m, int efConstruction, int dimensions) {
			super("Lucene99HnswVectorsFormat");
			format = new Lucene99HnswVectorsFormat(m, efConstruction);
			this.dimensions = dimensions;
		}

		@Override
		public int getMaxDimensions(String field) {
			return dimensions;
		}

		@Override
		public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
			return format.fieldsWriter(state);
		}

		@Override
		public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
			return format.fieldsReader(state);
		}
	}
}
