import com.google.gson.JsonObject;

/** An engine that Side serves. */
interface Engine {
	/**
	 * Returns an index of the rows of vectors. The fields are metric (the name of an ann.Metric), m, ef_construction, seed, threads
	 * and folder, in which files of the index belong.
	 */
	Index build(JsonObject fields, float[][] vectors) throws Exception;

	/** An index. */
	interface Index extends AutoCloseable {
		/**
		 * Carries out a request. The request "ask" has queries and the fields k and ef. Other requests may have row numbers in ids,
		 * which is null otherwise.
		 *
		 * @return an answer for each query, or null
		 */
		Answers call(String request, JsonObject fields, float[][] vectors, int[] ids) throws Exception;
	}

	/** One row of IDs and of distances for each query. */
	record Answers(int[][] ids, float[][] distances) {
		Answers(int queries) {
			this(new int[queries][], new float[queries][]);
		}
	}
}
