/** Tests of the store in PostgreSQL: the contract, on a server of its own. */
import { postgresStore } from "../../../src/pipeline/store/postgres_store.ts";
import { testStore } from "./contract.ts";
import { noPostgres, postgresServer, uniqueName } from "./postgres_server.ts";

testStore({
  name: "PostgreSQL",
  skip: noPostgres,
  create: async () =>
    postgresStore((await postgresServer()).url, { name: uniqueName() }),
  again: (store) => store,
});
