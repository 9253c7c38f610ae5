"""The judgement of each case, by group, and the throwaway keys that the cases use."""
