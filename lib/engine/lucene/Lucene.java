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
import org.apache.lucene.document.Field;
import org.apache.lucene.document.IntField;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** Lucene's HNSW index of float vectors: one field, in one segment, in files. */
final class Lucene implements Engine {
	private static final String VECTOR = "vector";
	private static final String ATTRIBUTE = "attribute";
	private static final double BUFFER_MIB = 1024; // of documents before a segment is written

	@Override
	public Index build(JsonObject fields, float[][] vectors, int[] attributes) throws IOException {
		Directory directory = FSDirectory.open(Path.of(fields.get("folder").getAsString()));
		VectorSimilarityFunction similarity = switch (fields.get("metric").getAsString()) {
			case "euclidean" -> VectorSimilarityFunction.EUCLIDEAN;
			case "cosine" -> VectorSimilarityFunction.COSINE;
			case "inner product" -> VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
			default -> throw new IllegalArgumentException("metric " + fields.get("metric"));
		};
		KnnVectorsFormat format = new Format(fields.get("m").getAsInt(), fields.get("ef_construction").getAsInt(), vectors[0].length);
		// This policy merges neighbours only, so that documents keep their order.
		try (IndexWriter writer = new IndexWriter(directory, config(format, new LogDocMergePolicy()))) {
			for (int row = 0; row < vectors.length; row++) {
				Document document = new Document();
				document.add(new KnnFloatVectorField(VECTOR, vectors[row], similarity));
				if (attributes != null) {
					document.add(new IntField(ATTRIBUTE, attributes[row], Field.Store.NO));
				}
				writer.addDocument(document);
			}
			writer.forceMerge(1);
		}
		return new Searcher(directory, format, fields.get("threads").getAsInt());
	}

	private static IndexWriterConfig config(KnnVectorsFormat format, MergePolicy merges) {
		return new IndexWriterConfig()
				.setCodec(new Lucene912Codec() {
					@Override
					public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
						return format;
					}
				})
				.setRAMBufferSizeMB(BUFFER_MIB)
				.setMergePolicy(merges)
				.setMergeScheduler(new SerialMergeScheduler());
	}

	/** An open index. The ID of a document is the number of its row. */
	private static final class Searcher implements Index {
		private final Directory directory;
		private final KnnVectorsFormat format;
		private final int threads;
		private DirectoryReader reader;
		private IndexSearcher searcher;

		Searcher(Directory directory, KnnVectorsFormat format, int threads) throws IOException {
			this.directory = directory;
			this.format = format;
			this.threads = threads;
			open();
		}

		private void open() throws IOException {
			reader = DirectoryReader.open(directory);
			searcher = new IndexSearcher(reader);
			searcher.setQueryCache(null);
		}

		@Override
		public Answers call(String request, JsonObject fields, float[][] vectors, int[] ids) throws IOException {
			switch (request) {
				case "ask" -> {
					return ask(fields, vectors);
				}
				case "delete" -> {
					delete(ids);
					return null;
				}
				default -> throw new IllegalArgumentException("request " + request);
			}
		}

		private Answers ask(JsonObject fields, float[][] queries) {
			int k = fields.get("k").getAsInt();
			int ef = fields.get("ef").getAsInt();
			Query only = fields.has("below") ? below(fields.get("below").getAsInt()) : null;
			Answers answers = new Answers(queries.length);
			Side.each(threads, queries.length, i -> ask(answers, i, new KnnFloatVectorQuery(VECTOR, queries[i], ef, only), k));
			return answers;
		}

		private static Query below(int bound) {
			return bound == Integer.MIN_VALUE ? new MatchNoDocsQuery() : IntField.newRangeQuery(ATTRIBUTE, Integer.MIN_VALUE, bound - 1);
		}

		/** Collects the documents of the query and keeps k, as Elasticsearch does with num_candidates and k. */
		private void ask(Answers answers, int i, Query query, int k) {
			try {
				ScoreDoc[] found = searcher.search(query, k).scoreDocs;
				answers.ids()[i] = Arrays.stream(found).mapToInt(d -> d.doc).toArray();
				answers.distances()[i] = new float[found.length];
				for (int rank = 0; rank < found.length; rank++) {
					answers.distances()[i][rank] = found[rank].score;
				}
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}

		/** Deletes documents. Nothing is merged, so that the others keep their numbers. */
		private void delete(int[] ids) throws IOException {
			try (IndexWriter writer = new IndexWriter(directory, config(format, NoMergePolicy.INSTANCE));
					DirectoryReader current = DirectoryReader.open(writer)) {
				for (int id : ids) {
					if (writer.tryDeleteDocument(current, id) < 0) {
						throw new IllegalStateException("document " + id + " was not deleted");
					}
				}
			}
			reader.close();
			open();
		}

		@Override
		public void close() throws IOException {
			reader.close();
			directory.close();
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
