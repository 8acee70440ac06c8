import com.google.gson.JsonObject;

/** An engine that Side serves. */
interface Engine {
	/**
	 * Returns an index of the rows of vectors. attributes holds a number for each row, or is null. The fields are metric (the name of an ann.Metric), m, ef_construction, seed, threads
	 * and folder, in which files of the index belong.
	 */
	Index build(JsonObject fields, float[][] vectors, int[] attributes) throws Exception;

	/** An index. */
	interface Index extends AutoCloseable {
		/**
		 * Carries out a request. The request "ask" has queries and the fields k and ef and, if it is filtered, below: only rows whose
		 * attribute is less are answers. The request "delete" has row numbers in ids, which other requests may have, too; it is
		 * null otherwise.
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
