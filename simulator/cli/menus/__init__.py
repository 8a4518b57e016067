"""The menu: questions that lead to the verbs, where no full-screen app can run."""
