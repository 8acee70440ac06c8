import com.google.gson.JsonObject;
import io.github.jbellis.jvector.graph.GraphIndex;
import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.SearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;

/** JVector's graph of full vectors, in memory. */
final class JVector implements Engine {
	private static final float OVERFLOW = 1.2f; // links during construction, relative to the maximum degree
	private static final float ALPHA = 1.2f; // of Vamana's rule of diversity

	private static final VectorTypeSupport TYPES = VectorizationProvider.getInstance().getVectorTypeSupport();

	@Override
	public Index build(JsonObject fields, float[][] vectors, int[] attributes) throws IOException {
		VectorSimilarityFunction similarity = switch (fields.get("metric").getAsString()) {
			case "euclidean" -> VectorSimilarityFunction.EUCLIDEAN;
			case "cosine" -> VectorSimilarityFunction.COSINE;
			default -> throw new IllegalArgumentException("metric " + fields.get("metric"));
		};
		int threads = fields.get("threads").getAsInt();
		int d = vectors[0].length;
		VectorFloat<?>[] rows = Arrays.stream(vectors).map(TYPES::createFloatVector).toArray(VectorFloat<?>[]::new);
		RandomAccessVectorValues values = new ListRandomAccessVectorValues(Arrays.asList(rows), d);
		BuildScoreProvider scores = BuildScoreProvider.randomAccessScoreProvider(values, similarity);
		ForkJoinPool pool = new ForkJoinPool(threads);
		GraphIndexBuilder builder = new GraphIndexBuilder(
				scores, d, 2 * fields.get("m").getAsInt(), fields.get("ef_construction").getAsInt(), OVERFLOW, ALPHA, pool, pool);
		return new Graph(builder, values, attributes, similarity, threads, pool);
	}

	/** A graph and its vectors. The ID of a node is the number of its row. */
	private static final class Graph implements Index {
		private final GraphIndexBuilder builder;
		private final GraphIndex graph;
		private final RandomAccessVectorValues values;
		private final int[] attributes;
		private final VectorSimilarityFunction similarity;
		private final int threads;
		private final ForkJoinPool pool; // of the builder
		private ThreadLocal<GraphSearcher> searchers;

		Graph(GraphIndexBuilder builder, RandomAccessVectorValues values, int[] attributes,
				VectorSimilarityFunction similarity, int threads, ForkJoinPool pool) {
			this.builder = builder;
			this.values = values;
			this.attributes = attributes;
			this.similarity = similarity;
			this.threads = threads;
			this.pool = pool;
			graph = builder.build(values);
			searchers = ThreadLocal.withInitial(() -> new GraphSearcher(graph));
		}

		@Override
		public Answers call(String request, JsonObject fields, float[][] vectors, int[] ids) {
			switch (request) {
				case "ask" -> {
					return ask(fields, vectors);
				}
				case "delete" -> {
					Arrays.stream(ids).forEach(builder::markNodeDeleted);
					builder.cleanup();
					searchers = ThreadLocal.withInitial(() -> new GraphSearcher(graph)); // a searcher keeps the nodes of its start
					return null;
				}
				default -> throw new IllegalArgumentException("request " + request);
			}
		}

		private Answers ask(JsonObject fields, float[][] queries) {
			int k = fields.get("k").getAsInt();
			int ef = fields.get("ef").getAsInt();
			Bits accepted = fields.has("below") ? below(fields.get("below").getAsInt()) : Bits.ALL;
			Answers answers = new Answers(queries.length);
			Side.each(threads, queries.length, i -> ask(answers, i, TYPES.createFloatVector(queries[i]), k, ef, accepted));
			return answers;
		}

		private Bits below(int bound) {
			return node -> attributes[node] < bound;
		}

		private void ask(Answers answers, int i, VectorFloat<?> query, int k, int ef, Bits accepted) {
			SearchScoreProvider scores = SearchScoreProvider.exact(query, similarity, values);
			SearchResult.NodeScore[] found = searchers.get().search(scores, k, ef, 0, 0, accepted).getNodes();
			answers.ids()[i] = Arrays.stream(found).mapToInt(n -> n.node).toArray();
			answers.distances()[i] = new float[found.length];
			for (int rank = 0; rank < found.length; rank++) {
				answers.distances()[i][rank] = found[rank].score;
			}
		}

		@Override
		public void close() throws IOException {
			builder.close();
			graph.close();
			pool.shutdown();
		}
	}
}
