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
	public Index build(JsonObject fields, float[][] vectors) throws IOException {
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
		try (GraphIndexBuilder builder = new GraphIndexBuilder(
				scores, d, 2 * fields.get("m").getAsInt(), fields.get("ef_construction").getAsInt(), OVERFLOW, ALPHA, pool, pool)) {
			return new Graph(builder.build(values), values, similarity, threads);
		} finally {
			pool.shutdown();
		}
	}

	/** A graph and its vectors. The ID of a node is the number of its row. */
	private static final class Graph implements Index {
		private final GraphIndex graph;
		private final RandomAccessVectorValues values;
		private final VectorSimilarityFunction similarity;
		private final int threads;
		private final ThreadLocal<GraphSearcher> searchers;

		Graph(GraphIndex graph, RandomAccessVectorValues values, VectorSimilarityFunction similarity, int threads) {
			this.graph = graph;
			this.values = values;
			this.similarity = similarity;
			this.threads = threads;
			searchers = ThreadLocal.withInitial(() -> new GraphSearcher(graph));
		}

		@Override
		public Answers call(String request, JsonObject fields, float[][] vectors, int[] ids) {
			if (!request.equals("ask")) {
				throw new IllegalArgumentException("request " + request);
			}
			int k = fields.get("k").getAsInt();
			int ef = fields.get("ef").getAsInt();
			Answers answers = new Answers(vectors.length);
			Side.each(threads, vectors.length, i -> ask(answers, i, TYPES.createFloatVector(vectors[i]), k, ef));
			return answers;
		}

		private void ask(Answers answers, int i, VectorFloat<?> query, int k, int ef) {
			SearchScoreProvider scores = SearchScoreProvider.exact(query, similarity, values);
			SearchResult.NodeScore[] found = searchers.get().search(scores, k, ef, 0, 0, Bits.ALL).getNodes();
			answers.ids()[i] = Arrays.stream(found).mapToInt(n -> n.node).toArray();
			answers.distances()[i] = new float[found.length];
			for (int rank = 0; rank < found.length; rank++) {
				answers.distances()[i][rank] = found[rank].score;
			}
		}

		@Override
		public void close() throws IOException {
			graph.close();
		}
	}
}
